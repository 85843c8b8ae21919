/** How gradients become changes of parameters. */
package org.gatefold.train.optimizer;
