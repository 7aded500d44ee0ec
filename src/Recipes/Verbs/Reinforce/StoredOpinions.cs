using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>
/// Teachers' log-probabilities in memory, by image, view and teacher: all classes as float32 in class order, or the most probable
/// ones with their classes (16 bits), best first.
/// </summary>
internal sealed class StoredOpinions(int images, int views, int teachers, int classes, int kept)
{
    private readonly float[] _values = new float[(long)images * views * teachers * kept];
    private readonly ushort[] _classes = new ushort[kept == classes ? 0 : (long)images * views * teachers * kept];

    /// <summary>Everything stored: first the values, then the classes.</summary>
    public byte[] Bytes => [.. MemoryMarshal.AsBytes(_values.AsSpan()), .. MemoryMarshal.AsBytes(_classes.AsSpan())];

    public long Length => 4L * _values.Length + 2L * _classes.Length;

    /// <summary>Stores a batch.</summary>
    /// <param name="indices">The images.</param>
    /// <param name="view">Their view.</param>
    /// <param name="logProbabilities"><c>[K, B, C]</c> float32.</param>
    public void Store(IReadOnlyList<int> indices, int view, Tensor logProbabilities)
    {
        using var scope = NewDisposeScope();
        var (values, found) = kept == classes ? (logProbabilities, null) : logProbabilities.topk(kept, -1);
        var numbers = values.cpu().contiguous().data<float>().ToArray();
        var names = found?.cpu().contiguous().data<long>().ToArray();
        for (var row = 0; row < teachers * indices.Count; row++)
        {
            var at = At(indices[row % indices.Count], view, row / indices.Count);
            numbers.AsSpan(row * kept, kept).CopyTo(_values.AsSpan(at));
            for (var i = 0; names is not null && i < kept; i++)
                _classes[at + i] = (ushort)names[row * kept + i];
        }
    }

    /// <summary>What is stored of a batch, <c>[K, B, C]</c> float32 on the CPU.</summary>
    public Tensor LogProbabilities(IReadOnlyList<int> indices, int view)
    {
        var rows = new float[teachers * indices.Count * classes];
        for (var row = 0; row < teachers * indices.Count; row++)
            Read(indices[row % indices.Count], view, row / indices.Count, rows.AsSpan(row * classes, classes));
        return tensor(rows, [teachers, indices.Count, classes]);
    }

    /// <summary>One opinion, for all classes.</summary>
    public void Read(int image, int view, int teacher, Span<float> row)
    {
        var at = At(image, view, teacher);
        var values = _values.AsSpan(at, kept);
        if (kept == classes)
        {
            values.CopyTo(row);
            return;
        }
        var rest = 1.0;
        foreach (var value in values)
            rest -= Math.Exp(value);
        row.Fill((float)Math.Log(Math.Max(rest, 0) / (classes - kept)));
        for (var i = 0; i < kept; i++)
            row[_classes[at + i]] = values[i];
    }

    private int At(int image, int view, int teacher) => ((image * views + view) * teachers + teacher) * kept;
}
