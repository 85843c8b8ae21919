/** Forecasts of a number from the rows before it. */
package org.gatefold.recipe.forecast;
