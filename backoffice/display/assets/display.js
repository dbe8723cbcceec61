// Keeps the board as the office says it is, and rings and speaks for each new call, one after the other. A display that has heard
// nothing for three beats shows no call at all: an old one would pass for new.
"use strict";

const page = document.documentElement;
const board = document.getElementById("board");
const sound = document.getElementById("sound");
const beat = Number(page.dataset.beat);
const longest = 30000; // milliseconds that one sound may take

let source;
let heard = 0;            // when the office was heard last
let rung = new Set();     // calls that have rung here, of those on the board
let queue = [];           // calls that are still to ring
let ringing = "";         // the one that rings

function connect() {
	source = new EventSource("/events");
	source.addEventListener("board", (event) => show(event.data));
	source.addEventListener("beat", (event) => {
		heard = Date.now();
		document.getElementById("clock").textContent = event.data;
		document.body.dataset.link = "live";
		ring(); // what was held while nothing was heard
	});
	source.addEventListener("version", (event) => {
		if (event.data !== page.dataset.version) location.reload(); // the office was updated
	});
	source.addEventListener("ended", () => location.replace("/pair"));
	source.addEventListener("error", () => {
		if (source.readyState === EventSource.CLOSED) setTimeout(again, beat);
	});
}

// again connects anew where the browser has given up: the office answered something else than a stream.
async function again() {
	try {
		const answer = await fetch("/", {redirect: "manual", cache: "no-store"});
		if (answer.type === "opaqueredirect") {
			location.replace("/pair");
			return;
		}
	} catch {
		// It cannot be reached; the next connection is tried all the same.
	}
	connect();
}

function show(html) {
	const next = new DOMParser().parseFromString(html, "text/html");
	board.replaceChildren(...next.body.childNodes);
	const calls = [...board.querySelectorAll("[data-call]")].reverse(); // the oldest first
	const there = new Set(calls.map((call) => call.dataset.call));
	const fresh = new Set(calls.filter((call) => "fresh" in call.dataset).map((call) => call.dataset.call));
	const held = document.body.dataset.link === "lost"; // what became old meanwhile does not ring
	queue = queue.filter((key) => (held ? fresh : there).has(key));
	for (const call of calls) {
		const key = call.dataset.call;
		if (fresh.has(key) && !rung.has(key) && !queue.includes(key) && key !== ringing) queue.push(key);
	}
	rung = new Set([...rung].filter((key) => there.has(key)));
	mark();
	ring();
}

function mark() {
	for (const call of board.querySelectorAll("[data-call]")) call.classList.toggle("ringing", call.dataset.call === ringing);
}

async function ring() {
	if (ringing) return;
	while (queue.length > 0 && document.body.dataset.link !== "lost") {
		ringing = queue.shift();
		rung.add(ringing);
		mark();
		await play("/chime.wav");
		await play("/speech/" + ringing);
		ringing = "";
		mark();
	}
}

// play plays a sound to its end; what cannot be played is passed over. For the test that listens, it says on the page what it played.
function play(url) {
	return new Promise((done) => {
		const audio = new Audio(url);
		const timer = setTimeout(end, longest);
		function end() {
			clearTimeout(timer);
			audio.pause();
			page.dataset.playing = "";
			done();
		}
		audio.addEventListener("ended", end);
		audio.addEventListener("error", end);
		audio.addEventListener("playing", () => {
			page.dataset.playing = url;
			page.dispatchEvent(new CustomEvent("sounding", {detail: url}));
		}, {once: true}); // a browser that is short of sound stops and plays on
		audio.play().catch((why) => {
			if (why.name === "NotAllowedError") sound.hidden = false; // this browser waits for a touch
			end();
		});
	});
}

sound.addEventListener("click", async () => {
	sound.hidden = true;
	await play("/chime.wav");
});

setInterval(() => {
	if (heard && Date.now() - heard > 3 * beat || !heard) {
		document.body.dataset.link = "lost"; // what is to ring is held: after a stall the board does not come again
	}
}, 500);

connect();
