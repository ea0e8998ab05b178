/* The phone's camera: takes a picture from where a person shows one, and sends the form that a
   chosen file would be sent by. Nothing is fetched: an image is here whole, or it is not taken.
   Without this script the field for a file remains. */
"use strict";

(() => {
  const LARGEST_FILE = 4 * 1024 * 1024; // bytes
  const LARGEST_SIDE = 2048; // pixels
  const PATTERN = /^data:image\/(png|jpeg|webp|gif|bmp);base64,([A-Za-z0-9+/=\s]+)$/;

  const tell = (form, what) => {
    form.querySelector(".told").textContent = form.dataset[what];
  };

  const draw = (canvas, image, side) => {
    const scale = Math.min(1, side / Math.max(image.width, image.height));
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  };

  const blobOf = (canvas) =>
    new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));

  // What the field for a file then holds; large photographs are made smaller first.
  const put = async (form, picture) => {
    const image = await createImageBitmap(picture);
    draw(form.querySelector("canvas"), image, 240).hidden = false;
    const isLarge = picture.size > LARGEST_FILE || Math.max(image.width, image.height) > 2 * LARGEST_SIDE;
    const sent = isLarge ? await blobOf(draw(document.createElement("canvas"), image, LARGEST_SIDE)) : picture;
    const files = new DataTransfer();
    files.items.add(new File([sent], "qr", { type: sent.type }));
    form.querySelector("input[type=file]").files = files.files;
  };

  const take = async (form, picture) => {
    try {
      await put(form, picture);
    } catch {
      tell(form, "unreadable");
      return;
    }
    tell(form, "sending");
    form.requestSubmit();
  };

  const pictureOf = (address) => {
    const [, kind, content] = PATTERN.exec(address) ?? [];
    if (!content) return null;
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    return new Blob([bytes], { type: `image/${kind}` });
  };

  // The addresses that something dragged or copied names: of an image first, then as text.
  const addressesIn = (data) => {
    const page = new DOMParser().parseFromString(data.getData("text/html"), "text/html");
    const images = [...page.querySelectorAll("img[src]")].map((each) => each.getAttribute("src"));
    const texts = `${data.getData("text/uri-list")}\n${data.getData("text/plain")}`.split("\n");
    return [...images, ...texts.map((each) => each.trim())].filter(Boolean);
  };

  const receive = (form, data) => {
    const file = [...data.files].find((each) => each.type.startsWith("image/"));
    const addresses = addressesIn(data);
    const picture = file ?? addresses.map(pictureOf).find(Boolean);
    if (picture) {
      take(form, picture);
      return;
    }
    tell(form, addresses.some((each) => /^https?:/.test(each)) ? "elsewhere" : "nothing");
  };

  const paste = async (form) => {
    try {
      for (const item of await navigator.clipboard.read()) {
        const kind = item.types.find((each) => each.startsWith("image/"));
        if (kind) {
          take(form, await item.getType(kind));
          return;
        }
      }
    } catch {
      // Nobody allowed it: nothing was seen.
    }
    tell(form, "nothing");
  };

  const aim = async (form) => {
    let seen;
    try {
      seen = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
    } catch {
      tell(form, "nothing"); // the person thought better of it
      return;
    }
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = seen;
    await video.play();
    const frame = await createImageBitmap(video);
    seen.getTracks().forEach((track) => track.stop());
    take(form, await blobOf(draw(document.createElement("canvas"), frame, 2 * LARGEST_SIDE)));
  };

  const shown = () =>
    [...document.querySelectorAll("form.camera")].find((form) => form.checkVisibility());

  const offer = (button, works, act) => {
    button.hidden = !works;
    button.addEventListener("click", act);
  };

  for (const form of document.querySelectorAll("form.camera")) {
    const finder = form.querySelector(".viewfinder");
    finder.hidden = false;
    finder.querySelector("canvas").hidden = true;
    offer(finder.querySelector(".aim"), navigator.mediaDevices?.getDisplayMedia, () => aim(form));
    offer(finder.querySelector(".paste"), navigator.clipboard?.read, () => paste(form));
  }

  const mark = (form, isOver) => form?.querySelector(".viewfinder").classList.toggle("over", isOver);

  // Wherever on the page it is dropped: beside the frame, a browser would leave for the picture.
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(shown(), true);
  });
  document.addEventListener("dragleave", () => mark(shown(), false));
  document.addEventListener("drop", (event) => {
    const form = shown();
    event.preventDefault();
    mark(form, false);
    if (form) receive(form, event.dataTransfer);
  });
  document.addEventListener("paste", (event) => {
    const form = shown();
    const isTyped = event.target.closest?.("input, textarea");
    if (!form || isTyped) return;
    event.preventDefault();
    receive(form, event.clipboardData);
  });
})();
