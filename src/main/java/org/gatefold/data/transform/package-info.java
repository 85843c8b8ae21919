/** What is fitted to training data and undone on answers: scalers, differences, chains of them. */
package org.gatefold.data.transform;
