-- +goose Up

-- Why a visitor was sent where: routing.Explanation, JSON. It has the first letter of the visitor's name and the nationality, and goes
-- with the check-in.
CREATE TABLE explanation (
  checkin TEXT PRIMARY KEY REFERENCES checkin ON DELETE CASCADE,
  text    TEXT NOT NULL
) STRICT;
