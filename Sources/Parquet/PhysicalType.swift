/// How a column's values are stored, by its number in parquet.thrift.
enum PhysicalType: Int {
  case boolean = 0
  case int32, int64, int96, float, double, byteArray, fixedLengthByteArray
}
