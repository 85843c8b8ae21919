/** Forecasts of series that need no network: persistence, seasons, autoregression, exponential smoothing, and their combination. */
package org.gatefold.recipe.baseline.series;
