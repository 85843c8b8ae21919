/** Options of recipes: their names, kinds, values and defaults, and sets of them that several recipes have. */
package org.gatefold.recipe.option;
