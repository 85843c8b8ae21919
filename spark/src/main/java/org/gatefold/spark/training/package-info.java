/** Training on executors: the rows of each worker, its steps beside the others', checkpoints and progress. */
package org.gatefold.spark.training;
