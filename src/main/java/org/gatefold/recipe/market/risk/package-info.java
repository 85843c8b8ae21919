/** The next day's volatility, value at risk and expected shortfall, beside GARCH and history. */
package org.gatefold.recipe.market.risk;
