/* The signed-out page: goes on once the frames of the services are loaded, or after a while.
   Without this script the page refreshes itself to the same address. */
"use strict";

(() => {
  const link = document.getElementById("go-on");
  const goOn = () => location.replace(link.href);
  setTimeout(goOn, Number(link.dataset.wait) * 1000);
  // The event of the window waits for its frames.
  window.addEventListener("load", goOn, { once: true });
})();
