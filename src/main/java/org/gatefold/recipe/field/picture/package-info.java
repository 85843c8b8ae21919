/** What reports show of answers: curves, grids and lines of numbers, drawn by whoever writes the report. */
package org.gatefold.recipe.field.picture;
