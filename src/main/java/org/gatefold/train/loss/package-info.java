/** What outputs cost. */
package org.gatefold.train.loss;
