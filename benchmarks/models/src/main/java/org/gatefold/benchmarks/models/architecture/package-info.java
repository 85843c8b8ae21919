/** The models that are trained, each described once for both sides. */
package org.gatefold.benchmarks.models.architecture;
