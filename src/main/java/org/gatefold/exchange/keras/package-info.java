/** Models of Keras in and out. */
package org.gatefold.exchange.keras;
