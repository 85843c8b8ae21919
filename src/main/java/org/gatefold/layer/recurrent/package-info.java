/** Recurrent layers, alone and in both directions, their cells and their states. */
package org.gatefold.layer.recurrent;
