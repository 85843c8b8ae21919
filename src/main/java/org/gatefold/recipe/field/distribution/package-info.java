/** Forecasts that are distributions: quantiles, or a location and a scale. */
package org.gatefold.recipe.field.distribution;
