/** Columns of a data set: which values a model reads from a row, and which it adds to one. */
package org.gatefold.spark.column;
