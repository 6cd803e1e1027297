/* The rubric editor: the sum follows what is typed. Without it the page shows the sum after saving. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-sum]").forEach(function (form) {
    var full = Number(form.dataset.sum), shown = form.querySelector("[data-total]"), note = form.querySelector("[data-unless-full]");
    function add() {
      var total = 0;
      form.querySelectorAll("[data-part]").forEach(function (box) {
        var typed = box.value.trim();
        if (/^\d{1,4}$/.test(typed)) total += Number(typed);
      });
      shown.textContent = total;
      note.hidden = total === full;
    }
    form.addEventListener("input", add);
    add();
  });
})();
