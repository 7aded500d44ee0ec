namespace Recipes.Weights;

/// <summary>One tensor of a <see cref="RenamedFile"/>: the entry in the file and how it appears.</summary>
/// <param name="Theirs">The name in the file.</param>
/// <param name="Ours">The name it gets.</param>
/// <param name="Shape">The shape it gets, of as many elements.</param>
/// <param name="Transposed">Whether a matrix has rows and columns exchanged.</param>
internal sealed record Renaming(string Theirs, string Ours, IReadOnlyList<long> Shape, bool Transposed);

/// <summary>A view of a weights file under other names; matrices may be transposed and shapes regrouped. Nothing is copied.</summary>
internal sealed class RenamedFile : WeightsFile
{
    private readonly WeightsFile _file;
    private readonly Dictionary<string, (Entry Entry, bool Transposed)> _origin;

    /// <summary>Makes the view; the file stays the caller's to dispose.</summary>
    public RenamedFile(WeightsFile file, IReadOnlyList<Renaming> names, string note)
        : base(file.Path, [.. names.Select(n => file[n.Theirs] with { Name = n.Ours, Shape = n.Shape })])
    {
        _file = file;
        _origin = names.ToDictionary(n => n.Ours, n => (file[n.Theirs], n.Transposed), StringComparer.Ordinal);
        Notes = [.. file.Notes, note];
    }

    /// <inheritdoc/>
    public override string Format => _file.Format;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => _file.Files;

    /// <inheritdoc/>
    internal override TensorPlace Source(Entry entry)
    {
        var (origin, transposed) = _origin[entry.Name];
        var place = _file.Source(origin);
        if (!transposed)
            return place.Strides is { } own ? place with { Strides = Regrouped(origin.Shape, own, entry.Shape) } : place;
        var (rows, columns) = place.Strides is { } strides ? (strides[0], strides[1]) : (origin.Shape[1], 1);
        return place with { Strides = [columns, rows] };
    }

    // Sides of one come and go; the others keep their order, and so their strides.
    private static long[] Regrouped(IReadOnlyList<long> from, IReadOnlyList<long> strides, IReadOnlyList<long> to)
    {
        var rest = new Queue<long>(strides.Where((_, d) => from[d] != 1));
        return [.. to.Select(side => side == 1 ? 0 : rest.Dequeue())];
    }

    /// <inheritdoc/>
    private protected override void Dispose(bool disposing) { }
}
