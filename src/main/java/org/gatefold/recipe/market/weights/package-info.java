/** The weights of a portfolio, learnt from its Sharpe ratio, beside portfolios that learn nothing. */
package org.gatefold.recipe.market.weights;
