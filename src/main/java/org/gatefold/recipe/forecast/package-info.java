/** Forecasts of time series. */
package org.gatefold.recipe.forecast;
