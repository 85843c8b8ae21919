/** The reference's recurrent layers: one file with the mathematics of each cell, one pass for all. */
package org.gatefold.backend.reference.recurrent;
