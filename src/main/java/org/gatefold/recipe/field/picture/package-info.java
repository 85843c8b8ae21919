/** What reports show of answers: curves, grids, lines and spectra, drawn by whoever writes the report. */
package org.gatefold.recipe.field.picture;
