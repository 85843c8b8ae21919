/** Prices of markets on their way to a model: the assets of a table, their past, and what trading costs. */
package org.gatefold.recipe.market.data;
