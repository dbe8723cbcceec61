// A pairing link has its code behind the #, which no browser sends: it is taken out of the address before it is used.
"use strict";
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
	history.replaceState(null, "", location.pathname);
	document.getElementById("code").value = code;
	document.querySelector("form").requestSubmit();
}
