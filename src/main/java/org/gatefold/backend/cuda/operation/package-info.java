/** Operations without plans, one file each. */
package org.gatefold.backend.cuda.operation;
