// Keeps the visit as the office says it is. Without this script the page loads itself anew every 20 seconds.
"use strict";

const page = document.documentElement;
const path = page.dataset.path;
const beat = Number(page.dataset.beat);
let heard = Date.now(); // when the office was heard last
let called = document.querySelector("[data-called]") !== null;

function tell(state) {
	document.querySelector("footer .live").hidden = state !== "live";
	document.querySelector("footer .lost").hidden = state !== "lost";
	document.body.classList.toggle("stale", state === "lost");
}

function connect() {
	const source = new EventSource(path + "/events");
	source.addEventListener("view", (event) => {
		const next = new DOMParser().parseFromString(event.data, "text/html");
		document.getElementById("live").replaceChildren(...next.body.childNodes);
		const now = document.querySelector("[data-called]") !== null;
		if (now && !called && navigator.vibrate) navigator.vibrate([400, 200, 400]);
		called = now;
	});
	source.addEventListener("beat", () => {
		heard = Date.now();
		tell("live");
	});
	source.addEventListener("ended", () => {
		source.close();
		location.reload();
	});
	source.addEventListener("error", () => {
		if (source.readyState === EventSource.CLOSED) setTimeout(again, beat);
	});
}

// again connects anew where the browser has given up, and says farewell where there is no visit any more.
async function again() {
	try {
		const answer = await fetch(path, {cache: "no-store"});
		if (answer.status === 404) {
			location.reload();
			return;
		}
	} catch {
		// It cannot be reached; the next connection is tried all the same.
	}
	connect();
}

setInterval(() => {
	if (Date.now() - heard > 3 * beat) tell("lost");
}, 1000);

connect();
