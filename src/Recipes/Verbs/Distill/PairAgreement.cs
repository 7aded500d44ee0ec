using Recipes.Display;
using Recipes.Layers;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>How often a student finds for an image the caption that a teacher finds, among those of its batch.</summary>
/// <param name="Pairs">Images and captions compared.</param>
/// <param name="Before">For each teacher the share before training, 0 to 1.</param>
/// <param name="After">The same after training.</param>
/// <param name="Right">For each teacher the share of images whose own caption it finds.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record PairAgreement(int Pairs, IReadOnlyList<double> Before, IReadOnlyList<double> After, IReadOnlyList<double> Right)
    : IDisplay
{
    /// <summary>One row for each teacher.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .From(
                Before.Select((before, i) => (before, i)),
                (Column.Number("Teacher"), r => r.i + 1),
                (Column.Number("Finds the own caption", "%", "0.0"), r => 100 * Right[r.i]),
                (Column.Number("Agreement before", "%", "0.0"), r => 100 * r.before),
                (Column.Number("After", "%", "0.0"), r => 100 * After[r.i])
            )
            .Caption($"{Pairs} stored images and captions, in batches: the caption that student and teacher find nearest");

    /// <summary>Shares for each teacher: student and teacher find the same caption; the teacher finds the image's own.</summary>
    /// <param name="network">The student, an <see cref="IPairEncoder"/>.</param>
    /// <param name="source">Batches with stored teachers, see <see cref="PairBatch"/>; the first kind of captions counts.</param>
    /// <param name="widths">Of the teachers.</param>
    /// <param name="batches">At most so many.</param>
    internal static (int Pairs, double[] Same, double[] Right) Measure(
        Module network,
        IBatchSource source,
        IReadOnlyList<int> widths,
        int batches = 4
    )
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(network);
        using var _ = no_grad();
        var (encoder, like) = ((IPairEncoder)network, network.parameters().First());
        var (pairs, same, right) = (0, new double[widths.Count], new double[widths.Count]);
        foreach (var batch in source.Epoch(new EpochRequest(0)).Take(batches))
        {
            using var owned = batch;
            using var inner = NewDisposeScope();
            var image = encoder.EncodeImage(Layout.Prepare(batch.Inputs, like, channelsLast: false));
            var text = encoder.EncodeText(batch.Targets.select(1, 0).to(like.device));
            var student = image.matmul(text.t()).argmax(1).cpu();
            var own = arange(batch.Count);
            long[] sizes = [.. widths.Select(w => (long)w)];
            var images = batch.More[PairBatch.TeacherImage].split(sizes, 1);
            var texts = batch.More[PairBatch.TeacherText].select(1, 0).split(sizes, 1);
            for (var k = 0; k < widths.Count; k++)
            {
                var teacher = images[k].matmul(texts[k].t()).argmax(1);
                same[k] += teacher.eq(student).sum().item<long>();
                right[k] += teacher.eq(own).sum().item<long>();
            }
            pairs += batch.Count;
        }
        return (pairs, Array.ConvertAll(same, s => s / pairs), Array.ConvertAll(right, r => r / pairs));
    }
}
