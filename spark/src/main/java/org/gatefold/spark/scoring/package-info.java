/** Models on executors: shared by a process's tasks, on rows and on streams of them. */
package org.gatefold.spark.scoring;
