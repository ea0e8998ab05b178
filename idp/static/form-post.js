// Form Post Response Mode: the button does the same without JavaScript.
document.getElementById("form-post").submit();
