/** Whole models in training, beside libtorch. */
package org.gatefold.benchmarks.models;
