/** Last layers, whose loss depends on parameters of their own. */
package org.gatefold.layer.output;
