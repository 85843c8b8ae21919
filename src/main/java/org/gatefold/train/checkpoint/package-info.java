/** The state of a training run on disk. */
package org.gatefold.train.checkpoint;
