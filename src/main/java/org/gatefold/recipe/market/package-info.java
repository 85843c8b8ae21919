/** Applications to prices of markets: returns, signals, risk and portfolios. None of them is advice. */
package org.gatefold.recipe.market;
