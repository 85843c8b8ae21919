/** The choice between implementations by measurement, and what is remembered of a card. */
package org.gatefold.backend.cuda.tuning;
