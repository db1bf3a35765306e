// Says how many entries about this page's subject were recorded since it was made. Nothing else changes.
const notice = document.querySelector("[data-live]");
if (notice) {
  const source = new EventSource(notice.dataset.live);
  source.onmessage = (event) => {
    const many = Number(event.data);
    notice.querySelector("b").textContent =
      many === 1 ? "1 newer entry about this" : `${many} newer entries about this`;
    notice.hidden = false;
  };
  addEventListener("pagehide", () => source.close());
}
