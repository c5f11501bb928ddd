-- Images that were made of a VM, by its name: nothing in them is cleaned.

alter table image add column built_of text;
