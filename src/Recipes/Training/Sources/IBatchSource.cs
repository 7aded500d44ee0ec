namespace Recipes.Training;

/// <summary>What the loop asks of a data source for one epoch.</summary>
/// <param name="Epoch">The epoch, from 0; with the seed it decides order and augmentation.</param>
/// <param name="FirstBatch">Batches to leave out at the front, for a resumed epoch; they must not be computed.</param>
/// <param name="Size">Image side in pixels; null is the source's own.</param>
/// <param name="Strength">Multiplier on the augmentation's magnitude.</param>
public readonly record struct EpochRequest(int Epoch, int FirstBatch = 0, int? Size = null, double Strength = 1);

/// <summary>
/// Batches, the same for the same request however often it is made: order and augmentation depend on the seed, the epoch
/// and the sample only.
/// </summary>
public interface IBatchSource
{
    /// <summary>Says which data, in which form; part of a checkpoint's identity.</summary>
    string Name { get; }

    /// <summary>Number of classes; 0 where targets are not classes.</summary>
    int Classes { get; }

    /// <summary>Batches in one epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>
    /// The batches of an epoch, in order. Whoever enumerates owns and disposes each batch. Other tensors that the source makes on the
    /// way die with each fetch, unless it detaches them from the dispose scope.
    /// </summary>
    IEnumerable<Batch> Epoch(EpochRequest request);
}
