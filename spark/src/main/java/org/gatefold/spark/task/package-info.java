/** What Spark gives a task: how many run at once, a device, a secret that its workers share. */
package org.gatefold.spark.task;
