"""The check for systems of receivers, over HTTP: who may ask, what is asked, what is answered, and what is told later."""
