using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A picture, what is true of it and what a network said, as PNG files of one size.</summary>
/// <param name="Index">Its place in the test set.</param>
/// <param name="Image">The picture.</param>
/// <param name="Truth">The true classes in colours, depths in grey, or boxes.</param>
/// <param name="Predicted">The predicted ones, in the same colours.</param>
public sealed record DensePicture(int Index, byte[] Image, byte[] Truth, byte[] Predicted);

/// <summary>Some test pictures beside the truth and a network's predictions.</summary>
/// <param name="Task">What was predicted.</param>
/// <param name="Pictures">The pictures.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record DensePictures(DenseTask Task, IReadOnlyList<DensePicture> Pictures) : IDisplay
{
    private string What =>
        Task switch
        {
            DenseTask.Depth => "depth, light is near",
            DenseTask.Boxes => "boxes",
            _ => "classes",
        };

    /// <summary>Asks a network about the first pictures of a data set's test part.</summary>
    /// <param name="network">A network of this task; its mode is restored.</param>
    /// <param name="data">Whose test pictures, and at which size.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="RecipesException">Pictures are missing or broken, or the network is of another task.</exception>
    public static DensePictures Of(DenseNetwork network, DenseData data, int count = 4) =>
        Of(network, new DenseBatches(data.Source.Open(Split.Test), data), data, count);

    internal static DensePictures Of(DenseNetwork network, DenseBatches test, DenseData data, int count)
    {
        if (network.Spec.Task != data.Task)
            throw new RecipesException(
                $"{network.Spec.Name}: predicts {network.Spec.Task}, the data are for {data.Task}. Ask for the same."
            );
        var pictures = new List<DensePicture>();
        var mode = network.training;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.eval();
        try
        {
            foreach (var batch in count > 0 ? test.Epoch(new EpochRequest(0)) : [])
            {
                using var owned = batch;
                using var inner = NewDisposeScope();
                var take = Math.Min(count - pictures.Count, batch.Count);
                var inputs = batch.Inputs.narrow(0, 0, take).to(network.parameters().First().device);
                var predicted = network.call(inputs).cpu();
                for (var i = 0; i < take; i++)
                    pictures.Add(DensePaint.Paint(batch, predicted, i, data));
                if (pictures.Count >= count)
                    break;
            }
        }
        finally
        {
            network.train(mode);
        }
        return new DensePictures(data.Task, pictures);
    }

    /// <summary>Three pictures for each.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>What there is to see, as text.</summary>
    public override string ToString() => Show().ToString();

    internal PictureGrid Show() =>
        new(
            $"Test pictures: as they are, true {What}, predicted",
            Pictures.SelectMany(p =>
                (Picture[])
                    [
                        new(p.Image, $"picture {p.Index}"),
                        new(p.Truth, "truth", alt: $"true {What} of picture {p.Index}"),
                        new(p.Predicted, "predicted", alt: $"predicted {What} of picture {p.Index}"),
                    ]
            )
        );
}
