using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Display;

/// <summary>
/// A tensor as it was when it was looked at: shape, type, device, statistics, values, and pictures when the shape says image.
/// It holds text and pictures only; the tensor stays as it is and may be disposed afterwards.
/// </summary>
/// <remarks>
/// Drawn are <c>[H, W]</c>, <c>[C, H, W]</c> and the first 16 of <c>[N, C, H, W]</c>, with C of 1 or 3 and sides of 8 to 2048.
/// Bytes and floating-point values within 0 to 1 are drawn as they are, all else from the least (black) to the greatest value.
/// </remarks>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class TensorView : Block
{
    private readonly string _head;
    private readonly (string Label, string Text)[] _facts = [];
    private readonly string _values = "";
    private readonly Block? _pictures;

    private TensorView(Tensor tensor)
    {
        if (tensor.IsInvalid)
        {
            _head = "disposed tensor";
            return;
        }
        var type = tensor.dtype;
        var gradient = tensor.requires_grad ? ", requires gradient" : "";
        _head = $"{Name(type)} [{string.Join(", ", tensor.shape)}] on {tensor.device}{gradient}";
        if (tensor.device_type == DeviceType.META)
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        try
        {
            var values = tensor.detach();
            if (values.is_sparse)
                values = values.to_dense();
            var statistics = TensorStatistics.Of(values);
            _facts = [.. Facts(type, statistics, values.numel())];
            _values = TensorText.Of(values);
            _pictures = TensorPictures.Of(values, statistics);
        }
        catch (Exception e)
            when (e is System.Runtime.InteropServices.ExternalException or NotImplementedException or InvalidOperationException)
        {
            _values = $"cannot be read: {e.Message.Split('\n')[0]}";
        }
    }

    /// <summary>Looks at a tensor of any type and layout on any device. Leaves it unchanged, and no other tensors alive.</summary>
    public static TensorView Of(Tensor tensor) => new(tensor);

    /// <inheritdoc/>
    public override string ToString()
    {
        var facts = _facts.Length > 0 ? string.Join("  ", _facts.Select(f => $"{f.Label} {f.Text}")) + "\n" : "";
        return $"{_head}\n{facts}{(_values.Length > 0 ? _values + "\n" : "")}";
    }

    /// <inheritdoc/>
    public override string ToMarkdown() => $"```\n{ToString()}```\n" + _pictures?.ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body()
    {
        var facts = _facts.Select(f => $"<div><dt>{f.Label}</dt><dd>{f.Text}</dd></div>");
        var open = _pictures is null ? " open=\"\"" : "";
        var values = _values.Length > 0 ? $"<details{open}><summary>Values</summary><pre>{Escape.Html(_values)}</pre></details>" : "";
        return $"<figure class=\"tensor\"><figcaption>{Escape.Html(_head)}</figcaption>"
            + $"<dl class=\"facts\">{string.Concat(facts)}</dl>{_pictures?.Body()}{values}</figure>";
    }

    private static IEnumerable<(string, string)> Facts(ScalarType type, TensorStatistics found, long count)
    {
        if (type == ScalarType.Bool)
        {
            yield return ("true", count == 0 ? "0 of 0" : $"{Math.Round(found.Mean * count):#,0} of {count:#,0}");
            yield break;
        }
        if (found.Min is not null)
        {
            yield return ("min", Numbers.Text(found.Min, ""));
            yield return ("max", Numbers.Text(found.Max, ""));
            yield return ("mean", Numbers.Text(found.Mean));
            if (!double.IsNaN(found.Std))
                yield return ("std", Numbers.Text(found.Std));
        }
        if (found.NaN > 0)
            yield return ("NaN", $"{found.NaN:#,0}");
        if (found.Infinite > 0)
            yield return ("Inf", $"{found.Infinite:#,0}");
    }

    // PyTorch's names.
    private static string Name(ScalarType type) =>
        type switch
        {
            ScalarType.Byte => "uint8",
            ScalarType.ComplexFloat32 => "complex64",
            ScalarType.ComplexFloat64 => "complex128",
            _ => type.ToString().ToLowerInvariant(),
        };
}

/// <summary>Looking at tensors.</summary>
public static class TensorViewing
{
    /// <summary>Shape, type, statistics, values and pictures of the tensor as it is now.</summary>
    public static TensorView View(this Tensor tensor) => TensorView.Of(tensor);
}
