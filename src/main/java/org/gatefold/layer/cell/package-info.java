/** Recurrent cells as programs write them, step by step on variables, and those that Gatefold has in this form. */
package org.gatefold.layer.cell;
