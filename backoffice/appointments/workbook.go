package appointments

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// maxUnzipped is how large a workbook may become: MaxRows rows of ten texts.
const maxUnzipped = 64 << 20

// readWorkbook reads the first sheet of an XLSX (ECMA-376) whose columns are headed. Cells are read as they are shown.
func readWorkbook(data []byte, o Options) ([]Appointment, []Fault, error) {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	defer book.Close()
	err = ErrUnknown
	for _, sheet := range book.GetSheetList() {
		var rows [][]string
		if rows, err = rowsOf(book, sheet); err != nil {
			break
		}
		all, faults, noColumns := readTable(rows, func(row int) int { return row + 1 }, o)
		if noColumns == nil {
			return all, faults, nil
		}
		err = noColumns
	}
	return nil, nil, err
}

func rowsOf(book *excelize.File, sheet string) (rows [][]string, err error) {
	from, err := book.Rows(sheet)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	defer from.Close()
	for from.Next() {
		row, err := from.Columns()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		if rows = append(rows, row); len(rows) > MaxRows {
			return nil, ErrTooLarge
		}
	}
	return rows, from.Error()
}
