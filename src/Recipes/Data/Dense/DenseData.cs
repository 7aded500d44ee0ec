namespace Recipes.Data;

/// <summary>Dense data and how they come to training: task, size, augmentation, batch. A value; nothing is read.</summary>
/// <param name="Source">Where the pictures come from.</param>
/// <param name="Task">Which of what is known of them is the target.</param>
public sealed record DenseData(DenseSource Source, DenseTask Task)
{
    /// <summary>Rows of the pictures.</summary>
    public int Height { get; init; } = 64;

    /// <summary>Columns of the pictures.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Pictures of a batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Training pictures of an epoch, whole batches of them; fewer pictures come several times, each in every round once. Null for each
    /// picture once. With it trainings on 1 % and on all of the labels take equally many steps.
    /// </summary>
    public int? PerEpoch { get; init; }

    /// <summary>What happens to training pictures and their maps alike.</summary>
    public DenseAugment Augment { get; init; } = DenseAugment.None;

    /// <summary>The same data at another size in pixels; square unless a width is given.</summary>
    public DenseData Sized(int height, int? width = null) => this with { Height = height, Width = width ?? height };

    /// <summary>Batches of this many pictures, and so many pictures an epoch.</summary>
    public DenseData Batched(int images, int? perEpoch = null) => this with { BatchSize = images, PerEpoch = perEpoch };

    /// <summary>Training pictures and maps augmented in this way.</summary>
    public DenseData Augmented(DenseAugment augment) => this with { Augment = augment };

    /// <summary>A share of the training pictures, see <see cref="DenseSource.Labelled"/>.</summary>
    public DenseData Labelled(double fraction) => this with { Source = Source.Labelled(fraction) };

    /// <summary>Everything that is out of range, one line each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>(Augment.Problems());
        if (Height is < 8 or > 4096 || Width is < 8 or > 4096)
            problems.Add($"dense.size: expected 8 to 4096 pixels a side, found {Height} x {Width}");
        if (BatchSize < 1)
            problems.Add($"dense.batchSize: expected at least 1, found {BatchSize}");
        if (PerEpoch < BatchSize)
            problems.Add($"dense.perEpoch: expected at least the batch of {BatchSize}, found {PerEpoch}");
        return problems;
    }
}

/// <summary>The fluent form: <c>DenseDatasets.Scenes(2000, 500).For(DenseTask.Depth).Sized(64).Batched(32)</c>.</summary>
public static class DenseDataExtensions
{
    /// <summary>The source for a task.</summary>
    public static DenseData For(this DenseSource source, DenseTask task) => new(source, task);
}
