/** Gatefold's models as stages of Spark ML. */
package org.gatefold.spark;
