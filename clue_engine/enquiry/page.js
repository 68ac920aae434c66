
var box = document.getElementById("search"), said = document.getElementById("found");
document.getElementById("searching").hidden = false;
function search() {
  var words = box.value.trim().toUpperCase().split(/\s+/), shown = 0, rows = document.querySelectorAll("[data-clue]");
  for (var i = 0; i < rows.length; i++) {
    var page = document.getElementById(rows[i].getAttribute("data-clue")), text = page.textContent.toUpperCase();
    var hit = words.every(function (word) { return text.indexOf(word) >= 0; });
    rows[i].hidden = page.hidden = !hit;
    shown += hit;
  }
  said.textContent = box.value.trim() ? "找到 " + shown + " 条" : "";
}
box.addEventListener("input", search);
