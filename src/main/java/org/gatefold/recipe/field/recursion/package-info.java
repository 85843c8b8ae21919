/** Forecasts of several rows by a network that forecasts one: each is read as if it had come. */
package org.gatefold.recipe.field.recursion;
