"""The pages in Chromium: without JavaScript, by keyboard, narrow, dark, with forced colours, without other hosts."""
