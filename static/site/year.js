/* The Year page: dragging a unit's chip to another month fills #move-form and sends it.
   The same form is reached by keyboard through each chip's menu, so this file is a comfort, not a need.

   <form id="move-form" method="post" …> hidden inputs: member, source, target </form>
   <ul class="chips year-drop" data-month="3" [data-locked]> <li class="chip" data-member="12"><span class="chip-handle"></span>…  */
(function () {
  "use strict";

  function send(item, source, target) {
    var form = document.getElementById("move-form");
    form.elements.member.value = item.dataset.member;
    form.elements.source.value = source;
    form.elements.target.value = target;
    form.requestSubmit();
  }

  function bind(root) {
    root.querySelectorAll(".year-drop[data-month]").forEach(function (list) {
      if (list.dataset.bound) return;
      list.dataset.bound = "yes";
      window.Sortable.create(list, {
        group: { name: "year", pull: !list.hasAttribute("data-locked"), put: !list.hasAttribute("data-locked") },
        draggable: "[data-member]",
        handle: ".chip-handle",
        ghostClass: "chip-ghost",
        sort: false,
        animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
        onStart: function () { document.body.classList.add("year-dragging"); },
        onEnd: function (event) {
          document.body.classList.remove("year-dragging");
          if (event.from !== event.to) send(event.item, event.from.dataset.month, event.to.dataset.month);
        },
      });
    });
  }

  if (window.Sortable && document.getElementById("move-form")) {
    bind(document);
    document.addEventListener("htmx:load", function (event) { bind(event.target); });
  }
})();
