using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Onnx;

// Constants: weights and numbers.
public sealed partial class OnnxGraph
{
    private readonly Dictionary<Tensor, OnnxValue> _weights = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, OnnxValue> _constants = new(StringComparer.Ordinal);

    /// <summary>A weight of the layer that describes itself. Weights of 16 bits stay so in the file and become float32 when the graph runs.</summary>
    /// <param name="name">Its name in the layer.</param>
    /// <param name="tensor">The weight itself; it must live until the graph is written. The same tensor stands in the file once.</param>
    public OnnxValue Weight(string name, Tensor tensor)
    {
        var full = Key(name);
        if (_weights.TryGetValue(tensor, out var known) || _constants.TryGetValue(full, out known))
            return known;
        // TorchSharp's Embedding makes its weight anew each time, for the scope that it is asked in.
        return _weights[tensor] = _constants[full] = Store(full, tensor.DetachFromDisposeScope());
    }

    /// <summary>A weight made from others, which the graph keeps.</summary>
    /// <param name="name">What it is called in the layer.</param>
    /// <param name="tensor">Its values; from now on the graph's.</param>
    public OnnxValue Derived(string name, Tensor tensor)
    {
        var full = Key(name);
        _kept.Add(tensor.DetachFromDisposeScope());
        return _constants.TryGetValue(full, out var known) ? known : _constants[full] = Store(full, tensor);
    }

    /// <summary>A constant that many layers share, made once.</summary>
    /// <param name="name">Its name, alike wherever it is asked for.</param>
    /// <param name="make">Its values, from then on the graph's.</param>
    public OnnxValue Shared(string name, Func<Tensor> make) =>
        _constants.TryGetValue(name, out var known) ? known : _constants[name] = Constant(name, make());

    /// <summary>A product with a matrix <c>[O, I]</c> as linear layers hold it, and a bias <c>[O]</c> or none, over the last axis.</summary>
    public OnnxValue Linear(OnnxValue input, string name, Tensor weight, Tensor? bias, string biasName = "bias")
    {
        if (input.Rank == 2)
        {
            var (matrix, shift) = (Weight(name, weight), bias is null ? null : Weight(biasName, bias));
            List<OnnxValue?> inputs = shift is null ? [input, matrix] : [input, matrix, shift];
            return Emit("Gemm", inputs, input.Type, [input.Shape[0], matrix.Shape[0]], ("transB", 1L));
        }
        var product = input.MatMul(Derived($"{name}.T", weight.t()));
        return bias is null ? product : product + Weight(biasName, bias);
    }

    /// <summary>Whole numbers, a vector or a scalar of the graph.</summary>
    internal OnnxValue Constant(long[] values, bool scalar = false) =>
        Shared(
            $"{(scalar ? "scalar" : "shape")}[{string.Join(",", values)}]",
            () => scalar ? torch.tensor(values[0]) : torch.tensor(values)
        );

    /// <summary>A number that broadcasts.</summary>
    internal OnnxValue Scalar(double value, ScalarType type) =>
        Shared(FormattableString.Invariant($"{type}({value:R})"), () => torch.tensor(value, dtype: type));

    // The key of the state dict.
    private string Key(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private OnnxValue Constant(string name, Tensor tensor)
    {
        _kept.Add(tensor.DetachFromDisposeScope());
        return Raw(name, tensor);
    }

    private OnnxValue Store(string name, Tensor tensor)
    {
        if (tensor.device_type == DeviceType.META)
            throw new RecipesException(
                $"{Here}: {name} is on the meta device and has no values. Build the model on the CPU, or load weights."
            );
        var stored = Raw(name, tensor);
        return tensor.is_floating_point() ? stored.To(ScalarType.Float32) : stored;
    }

    private OnnxValue Raw(string name, Tensor tensor)
    {
        Weights.Add(new OnnxWeight(name, tensor));
        return new OnnxValue(this, name, tensor.dtype, [.. tensor.shape.Select(n => (OnnxDim)n)]);
    }
}
