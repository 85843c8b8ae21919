/** Models of Deeplearning4j's: networks and graphs as {@code ModelSerializer} writes them. */
package org.gatefold.exchange.deeplearning4j;
