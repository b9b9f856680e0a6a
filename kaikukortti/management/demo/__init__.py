"""The demo: invented people and uses in the places where the Kaiku Card began, brought to today."""
