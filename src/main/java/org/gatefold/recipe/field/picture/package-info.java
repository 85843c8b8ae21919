/** What reports show of answers: curves, grids, lines, spectra and images, drawn by whoever writes the report. */
package org.gatefold.recipe.field.picture;
